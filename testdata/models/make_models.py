"""Makes the simulated tiny models of this folder, or checks them.

    python make_models.py                 every group
    python make_models.py base vision     some groups
    python make_models.py --check         tables of losses and sign counts from the stored files

Runs on one core: XLA_FLAGS=--xla_cpu_multi_thread_eigen=false taskset -c 1 python make_models.py
"""

import sys
import time

import calibration
import language_models
import lineage
import special_cases
import transforms
import vision_models

GROUPS = {
    "base": language_models.base_group,
    "kin": language_models.kin_group,
    "transforms": transforms.transforms_group,
    "special": special_cases.special_group,
    "vision": vision_models.vision_group,
    "vision-gated": vision_models.vision_gated_group,
    "calibration": calibration.calibration_group,
}


def main(arguments):
    if "--check" in arguments:
        import check

        return check.main()
    unknown = [name for name in arguments if name not in GROUPS]
    if unknown:
        sys.exit(f"error: no group named {', '.join(unknown)}\nhint: groups are {', '.join(GROUPS)}")
    for group in arguments or GROUPS:
        started = time.time()
        for records in GROUPS[group]():
            lineage.record(records)
            for name, facts in records.items():
                print(f"{time.time() - started:7.1f} s  {name:24s} {facts.get('lossFirst')} -> {facts.get('lossLast')}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
