"""Complete, commented manifests, one for each input protocol; the demo applies them, a user copies them."""
