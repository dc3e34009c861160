"""What planning drags in when it is imported."""

import subprocess
import sys


def test_planning_imports_no_machinery() -> None:
    """Whoever imports the planner gets no HTTP client, no Kubernetes client, no event loop of kopf."""
    asked = (
        "import sys\n"
        "import medialive_operator.planning.channels, medialive_operator.planning.desired\n"
        "print([name for name in ('httpx', 'kopf', 'kubernetes', 'uvicorn', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
