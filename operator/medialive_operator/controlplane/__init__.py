"""A real Kubernetes control plane on loopback, for the demo and the tests: etcd, kube-apiserver, kube-controller-manager, no nodes."""
