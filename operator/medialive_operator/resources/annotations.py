"""The annotations users steer an object with. Facts as data."""

from medialive_operator.resources.kinds import GROUP

PAUSED = f"{GROUP}/paused"
RECONCILE_REQUESTED_AT = f"{GROUP}/reconcile-requested-at"
FORCE_DETACH = f"{GROUP}/force-detach"

# What each does; the reference page is made of this.
ANNOTATIONS = {
    PAUSED: '"true": no calls to the cloud at all, not even for a deletion.',
    RECONCILE_REQUESTED_AT: "any value, such as the time: look at the cloud now; answered in lastHandledReconcileAt.",
    FORCE_DETACH: "the reason, in words: when the object is deleted, give it up at once and leave the cloud as it is.",
}
