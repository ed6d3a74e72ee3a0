"""Writes scipy.json beside itself: inputs, and what SciPy and NumPy make of them.

    python -m venv /path/to/venv && /path/to/venv/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    /path/to/venv/bin/python benches/tests/golden/from_scipy.py

Everything is seeded: the same versions write the same file. What a library has is taken from it; the rest (Walsh
averages, intervals from order statistics) is counted out here, by brute force and not by the way that the Rust code goes.
"""

import itertools
import json
import pathlib
import re

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

LEVEL = 0.95
RNG = np.random.default_rng(20260101)


def normal_sample(n, mean, spread):
    """Multiples of 2^-20: their sums are exact, so that a resample that holds each value once has the very same mean."""
    return np.round(RNG.normal(mean, spread, n) * 2**20) / 2**20


def samples():
    """Log ratios of every size in use, with and without ties, zeros, effects and a wild value."""
    named = {
        f"normal_{n}": normal_sample(n, mean, spread)
        for n, mean, spread in [(2, 0.1, 0.02), (3, 0.0, 0.05), (5, 0.08, 0.03), (6, -0.2, 0.06), (8, 0.0, 0.03),
                                (10, 0.04, 0.05), (15, 0.0, 0.02), (30, 0.12, 0.08)]
    }
    named["ties"] = np.array([0.01, 0.02, -0.01, 0.02, 0.03, 0.01, 0.05])
    named["zeros"] = np.array([0.0, 0.02, 0.0, 0.03, -0.01, 0.04, 0.06, 0.05])
    named["wild"] = np.array([0.01, -0.02, 0.015, 0.005, -0.7, 0.02, 0.0125])
    return named


def mean_case(values):
    test = stats.ttest_1samp(values, 0.0)
    interval = test.confidence_interval(LEVEL)
    low, high = -np.log(1.05), np.log(1.05)
    faster = stats.ttest_1samp(values, high, alternative="greater").pvalue
    slower = stats.ttest_1samp(values, low, alternative="less").pvalue
    tost, _, _ = DescrStatsW(values).ttost_mean(low, high)
    return {
        "ratio": [np.exp(interval.low), np.exp(values.mean()), np.exp(interval.high)],
        "p_no_difference": test.pvalue,
        "p_faster": faster,
        "p_slower": slower,
        "p_equivalent": tost,
    }


def signed_rank_case(values):
    """SciPy's exact test; with ties or zeros, its permutation test over all signs."""
    kept = values[values != 0]
    if len(kept) == len(values) and len(np.unique(np.abs(values))) == len(values):
        return stats.wilcoxon(values, method="exact").pvalue
    return stats.wilcoxon(kept, method=stats.PermutationMethod(n_resamples=np.inf)).pvalue


def order_statistics(ordered, chances):
    """Narrowest [ordered[cut], ordered[-1 - cut]] that misses by at most 2.5 % a side; else the widest."""
    below = np.cumsum(chances)
    allowed = [cut for cut in range(len(ordered) // 2) if below[cut] <= (1 - LEVEL) / 2]
    cut = max(allowed, default=0)
    return [ordered[cut], np.median(ordered), ordered[-1 - cut], 1 - 2 * below[cut]]


def signed_rank_chances(n):
    """Share of all 2^n signs for each sum of positive ranks, by walking over them (by convolution from 16 on)."""
    if n < 16:
        sums = (np.array(list(itertools.product([0, 1], repeat=n))) * np.arange(1, n + 1)).sum(axis=1)
        return np.bincount(sums, minlength=n * (n + 1) // 2 + 1) / 2.0**n
    chances = np.ones(1)
    for rank in range(1, n + 1):
        coin = np.zeros(rank + 1)
        coin[[0, rank]] = 0.5
        chances = np.convolve(chances, coin)
    return chances


def hodges_lehmann_case(values):
    averages = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2))
    low, estimate, high, level = order_statistics(np.array(averages), signed_rank_chances(len(values)))
    return {"ratio": [np.exp(low), np.exp(estimate), np.exp(high)], "level": level}


def independent_case(left, right):
    """Welch's t on logarithms that share no block; of a single value on a side there is none."""
    case = {"left": left, "right": right, "ratio": None, "p": None}
    if min(len(left), len(right)) > 1:
        test = stats.ttest_ind(left, right, equal_var=False)
        interval = test.confidence_interval(LEVEL)
        case["ratio"] = np.exp([interval.low, np.mean(left) - np.mean(right), interval.high])
        case["p"] = test.pvalue
    return case


def proportion_case(hits, trials):
    """Clopper and Pearson's interval."""
    interval = stats.binomtest(hits, trials).proportion_ci(LEVEL, method="exact")
    return {"hits": hits, "trials": trials, "share": [interval.low, hits / trials, interval.high]}


def walsh_median(values, axis=-1):
    """Of each row: hence along the last axis, which is the only one that is asked for."""
    one, other = np.triu_indices(values.shape[-1])
    return np.median((values[..., one] + values[..., other]) / 2, axis=-1)


def bootstrap_case(values, statistic):
    """SciPy's intervals from 199 stored resamples, and those from all n^n resamples, which no seed touches."""
    named = {"mean": np.mean, "median": np.median, "hodges_lehmann": walsh_median}[statistic]
    drawn = stats.bootstrap((values,), named, n_resamples=199, method="percentile", rng=RNG)

    def intervals(result):
        out = {}
        for method in ["percentile", "BCa"]:
            again = stats.bootstrap((values,), named, n_resamples=0, method=method, bootstrap_result=result)
            out[method] = list(again.confidence_interval)
        return out

    every = np.array(list(itertools.product(values, repeat=len(values)))) if len(values) <= 6 else None
    case = {
        "values": values,
        "statistic": statistic,
        "estimate": named(values),
        "resampled": drawn.bootstrap_distribution,
        "from_resampled": intervals(drawn),
    }
    if every is not None:
        # Often enough that no quantile falls between two of them that are equally likely.
        drawn.bootstrap_distribution = np.repeat(named(every, axis=1), 200_000 // len(every))
        case["from_all"] = intervals(drawn)
    return case


def spearman_case(x, y):
    rho = stats.spearmanr(x, y)
    if len(x) > 9:
        return {"x": x, "y": y, "rho": rho.statistic, "p": rho.pvalue, "exact": False}
    ranks = stats.rankdata(x)
    every = stats.permutation_test(
        (stats.rankdata(y),),
        # Whole and half ranks: rounded, so that equal distances are equal.
        lambda order, axis: np.round(np.abs(((order - order.mean(axis=axis, keepdims=True)) * (ranks - ranks.mean())).sum(axis=axis)), 6),
        permutation_type="pairings", n_resamples=np.inf, alternative="greater", vectorized=True,
    )
    return {"x": x, "y": y, "rho": rho.statistic, "p": every.pvalue, "exact": True}


def slope_case(x, y):
    line = stats.linregress(x, y)
    t = stats.t.ppf((1 + LEVEL) / 2, len(x) - 2)
    around = lambda estimate, error: [estimate - t * error, estimate, estimate + t * error]
    return {
        "x": x,
        "y": y,
        "slope": around(line.slope, line.stderr),
        "intercept": around(line.intercept, line.intercept_stderr),
        "residual": np.sqrt(np.sum((y - line.intercept - line.slope * x) ** 2) / (len(x) - 2)),
    }


def slopes():
    connections = np.array([10.0, 100.0, 500.0, 1000.0, 2000.0])
    yield slope_case(connections, np.round(5e6 + 9300 * connections + RNG.normal(0, 2e5, 5)))
    repeated = np.repeat(connections, 4)
    yield slope_case(repeated, np.round(5e6 + 9300 * repeated + RNG.normal(0, 4e5, 20)))
    # Many equal values, on one axis and then on the other.
    twice = np.repeat([100.0, 1000.0], 10)
    yield slope_case(twice, np.round(5e6 + 9300 * twice + RNG.normal(0, 4e6, 20)))
    uneven = np.array([10.0, 23, 51, 104, 190, 333, 480, 700, 910, 1300, 1650, 2000])
    yield slope_case(uneven, np.repeat([5e6, 9e6, 2e7], 4))
    yield slope_case(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.5, 2.0]))


def over_blocks_case():
    x = np.array([10.0, 500.0, 2000.0])
    blocks = [np.round(5e6 + level + slope * x + RNG.normal(0, 1e4, 3))
              for level, slope in [(0, 9300), (2e5, 9100), (-3e5, 9500), (1e5, 9350)]]
    each = np.array([stats.linregress(x, y).slope for y in blocks])
    interval = stats.ttest_1samp(each, 0.0).confidence_interval(LEVEL)
    return {"x": x, "blocks": blocks, "slope": [interval.low, each.mean(), interval.high]}


def main():
    named = samples()
    orders = {n: np.arange(float(n)) for n in [3, 5, 8, 9, 10, 25]}
    pairs = [(normal_sample(a, 0.1, 0.05), normal_sample(b, 0.0, 0.05))
             for a, b in [(1, 1), (3, 3), (4, 5), (5, 5), (7, 6), (8, 8)]]
    unequal = (np.array([0.10, 0.14, 0.12, 0.20]), np.array([0.01, -0.03, 0.02, 0.05, 0.0]))
    shares = [(0, 12_036), (5, 12_036), (120, 12_036), (160, 12_036), (3, 1_600), (1_600, 1_600)]
    families = [[0.01, 0.04, 0.03], [0.001, 0.2, 0.0125, 0.049, 0.7, 0.011], [0.5, 0.5, 0.02, 0.02], [0.04]]
    golden = {
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
        "level": LEVEL,
        "one_sample": [
            {"name": name, "log_ratios": values, "mean": mean_case(values),
             "signed_rank_p": signed_rank_case(values), "hodges_lehmann": hodges_lehmann_case(values)}
            for name, values in named.items()
        ],
        "independent": [independent_case(*pair) for pair in [*pairs, unequal]],
        "proportion": [proportion_case(*share) for share in shares],
        "holm": [{"p": p, "adjusted": multipletests(p, method="holm")[1]} for p in families],
        "bootstrap": [bootstrap_case(named[name], statistic)
                      for name in ["normal_3", "normal_5", "normal_6", "normal_10"] for statistic in ["mean", "median"]],
        "spearman": [spearman_case(x, normal_sample(n, 0.0, 1.0) + 0.2 * x) for n, x in orders.items()]
        + [spearman_case(np.array([1.0, 2, 3, 4, 5, 6, 7]), np.array([1.0, 1, 2, 5, 3, 5, 5])),
           spearman_case(np.arange(12.0) // 2, np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]))],
        "slope": list(slopes()),
        "slope_over_blocks": over_blocks_case(),
    }
    # Drawn after all others, which so stay what they were.
    golden["bootstrap"] += [bootstrap_case(named[name], "hodges_lehmann") for name in ["normal_5", "normal_10"]]
    text = json.dumps(golden, indent=1, default=lambda value: value.tolist())
    # A list of numbers goes on one line.
    text = re.sub(r"\[[^][{}\"]*\]", lambda row: " ".join(row[0].split()), text)
    pathlib.Path(__file__).with_name("scipy.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
