"""From an event to a converged channel: handlers, queue, reconcile pass, status."""
