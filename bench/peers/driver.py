"""What the three drivers share: they say on their last line what the peer answered and when."""

import json
import time

STARTED = time.perf_counter()


def say(answer, imported):
    """Prints one line of JSON: the answer, and seconds before and after `imported`, the moment
    (of time.perf_counter) at which every library was loaded."""
    now = time.perf_counter()
    seconds = {"importSeconds": imported - STARTED, "workSeconds": now - imported}
    print("\n" + json.dumps({**answer, **seconds}, allow_nan=False), flush=True)
