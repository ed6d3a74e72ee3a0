"""Draws workloads, asks for advice on each, has it verified, and says how often it was right. Started by advice.sh."""

import json
import math
import random
import subprocess
import sys
import time

# No workload may hold up the others: three processes, each opened, loaded and stopped, take a quarter of this.
PATIENCE_S = 60
# The longest objective that is drawn from: nobody misses it.
NO_OBJECTIVE = "1h"
RIGHT_SHARE = 0.8


def drawn(draw):
    """A workload: wait in µs, CPU work in µs, clients, and the objective over the expected p99 of async/hyper."""

    def evenly_in_logarithm(low, high):
        return math.exp(draw.uniform(math.log(low), math.log(high)))

    return (
        round(evenly_in_logarithm(1_000, 100_000)),
        draw.randint(0, 500),
        round(evenly_in_logarithm(16, 2_000)),
        evenly_in_logarithm(0.5, 2),
    )


def advise(program, results, workload, objective, more=()):
    """The advice as a program reads it, or the last words of what gave none."""
    wait_us, cpu_us, clients, _ = workload
    command = [program, "advise", "--output-format", "json", "--results", results]
    command += ["--io-wait", f"{wait_us}us", "--cpu-work", f"{cpu_us}us", "--clients", str(clients)]
    command += ["--slo-p99", objective, *more]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return None, f"it took longer than {PATIENCE_S} s"
    try:
        return json.loads(done.stdout), None
    except json.JSONDecodeError:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        return None, lines[-1]


def told(advice):
    """What was expected, what came, and the verdict, in one line."""
    label = advice["recommended"]
    one = next(one for one in advice["candidates"] if one["contender"] == label)
    seen = advice["verification"]
    rate = "nothing" if seen["rate_per_sec"] is None else f"{seen['rate_per_sec']:,.0f}/s ({seen['rate_off']:+.1%})"
    late = seen["late"] / seen["requests"] if seen["requests"] else math.nan
    line = (
        f"{label}, {advice['outlook']}: expected {one['rate_per_sec']:,.0f}/s and p99 {one['p99_s'] * 1e3:.1f} ms;"
        f" came {rate}, {late:.2%} late: {seen['verdict'].upper()}"
    )
    reasons = seen["reasons"] + (one["doubts"] if seen["verdict"] != "right" else [])
    return "\n".join([line, *(f"      {reason}" for reason in reasons)])


def main():
    seed, workloads, program, binaries, results = sys.argv[1:]
    draw = random.Random(int(seed))
    started = time.monotonic()
    verdicts = []
    print(f"seed {seed}, {workloads} workloads", flush=True)
    for number in range(1, int(workloads) + 1):
        workload = drawn(draw)
        wait_us, cpu_us, clients, share = workload
        advice, failure = advise(program, results, workload, NO_OBJECTIVE)
        if advice is not None:
            tasks = next((one for one in advice["candidates"] if one["contender"] == "async/hyper"), None)
            if tasks is None:
                advice, failure = None, "the run teaches nothing of async/hyper"
        if advice is None:
            sys.exit(f"no advice: {failure}")
        slo_us = round(tasks["p99_s"] * 1e6 * share)
        if number == 1:
            print(f"by {advice['cells']} cells of the run {advice['run']}", flush=True)
        advice, failure = advise(
            program, results, workload, f"{slo_us}us", ["--verify", "--binaries", binaries]
        )
        verdicts.append("failed" if advice is None else advice["verification"]["verdict"])
        said = f"FAILED: {failure}" if advice is None else told(advice)
        print(
            f"{number:3}. wait {wait_us / 1e3:.2f} ms, work {cpu_us} µs, {clients} clients,"
            f" p99 within {slo_us / 1e3:.1f} ms\n     {said}",
            flush=True,
        )
    counts = ", ".join(f"{verdicts.count(one)} {one}" for one in ("right", "wrong", "void", "failed"))
    print(f"{counts}, in {time.monotonic() - started:.0f} s")
    sys.exit(0 if verdicts.count("right") >= RIGHT_SHARE * len(verdicts) else 1)


main()
