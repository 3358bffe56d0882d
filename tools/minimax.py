#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes src/kernels/real_f32.h and real_f64.h: the polynomials and constants of exp, log, erf, sin and their kin.

    tools/minimax.py

Each polynomial is the best there is of its degree: the exchange algorithm of E. Remez (1934), in 60 digits, with the
error weighted so that it counts relative to the function that the polynomial is a part of. Coefficients are then
rounded to the type. Needs mpmath.
"""
import pathlib
import sys

import mpmath as mp

mp.mp.dps = 60
KERNELS = pathlib.Path(__file__).resolve().parent.parent / "src" / "kernels"


def exchange(function, weight, low, high, degree):
    """Coefficients, lowest first, of the polynomial whose largest |weight (p - function)| on [low, high] is least."""
    middle, half, count = (low + high) / 2, (high - low) / 2, degree + 2
    grid = [middle - half * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / 1200) for i in range(1200)]
    values = [(x, function(x), weight(x)) for x in grid]
    chosen = [round(600 - 600 * mp.cos(mp.pi * i / (count - 1)) * mp.mpf(1199) / 1200 - mp.mpf(1) / 2)
              for i in range(count)]
    for _ in range(40):
        rows = [[values[i][0] ** j for j in range(degree + 1)] + [(-1) ** n / values[i][2]]
                for n, i in enumerate(chosen)]
        solved = mp.lu_solve(mp.matrix(rows), mp.matrix([values[i][1] for i in chosen]))
        level, coefficients = abs(solved[degree + 1]), list(solved)[:-1]
        error = [w * (mp.polyval(coefficients[::-1], x) - f) for x, f, w in values]
        peaks = []
        for i, e in enumerate(error):
            if peaks and (e > 0) == (error[peaks[-1]] > 0):
                peaks[-1] = max(peaks[-1], i, key=lambda k: abs(error[k]))
            else:
                peaks.append(i)
        while len(peaks) > count:
            peaks.pop(0 if abs(error[peaks[0]]) < abs(error[peaks[-1]]) else -1)
        if len(peaks) < count or abs(error[max(peaks, key=lambda k: abs(error[k]))]) < level * mp.mpf("1.001"):
            break
        chosen = peaks
    return coefficients, max(map(abs, error))


class Type:
    """A binary floating-point type: its name in the sources, and its sizes."""

    def __init__(self, name, c_type, suffix, precision, bias):
        self.name, self.c_type, self.suffix = name, c_type, suffix
        self.precision, self.bias = precision, bias

    def round(self, x, bits=None):
        """x to so many bits, to nearest even."""
        if x == 0:
            return mp.mpf(0)
        bits = bits or self.precision
        _, exponent = mp.frexp(x)
        return mp.ldexp(mp.nint(mp.ldexp(x, bits - exponent)), exponent - bits)

    def literal(self, x):
        text = float(self.round(x)).hex()
        mantissa, exponent = text.split("p")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}p{exponent}{self.suffix}"

    def constant(self, name, x, comment=None):
        lines = [f"/* {comment} */"] if comment else []
        return lines + [f"static const {self.c_type} {name}_{self.name} = {self.literal(x)};"]

    def parts(self, x, bits, count):
        """x as a sum of `count` numbers of so many bits; the last has all."""
        numbers = []
        for _ in range(count - 1):
            numbers.append(self.round(x, bits))
            x -= numbers[-1]
        return numbers + [self.round(x)]

    def polynomial(self, name, comment, function, weight, low, high, degree):
        coefficients, error = exchange(function, weight, low, high, degree)
        print(f"{name}_{self.name}: degree {degree}, error 2^{float(mp.log(error, 2)):.1f}")
        lines = [f"/* {comment}, off by 2^{float(mp.log(error, 2)):.1f} */",
                 f"WG__INLINE {self.c_type} {name}_{self.name}({self.c_type} x)", "{"]
        if degree < 4:
            return lines + self.nested("p", "x", coefficients) + ["    return p;", "}", ""]
        lines += [f"    const {self.c_type} square = x * x;"]
        lines += self.nested("even", "square", coefficients[::2]) + self.nested("odd", "square", coefficients[1::2])
        return lines + [f"    return multiply_add_{self.name}(odd, x, even);", "}", ""]

    def nested(self, p, x, coefficients):
        """Horner's scheme."""
        lines = [f"    {self.c_type} {p} = {self.literal(coefficients[-1])};"]
        return lines + [f"    {p} = multiply_add_{self.name}({p}, {x}, {self.literal(c)});"
                        for c in coefficients[-2::-1]]


def series(x, first, term):
    """Sum of first, first * term(1), ...: for quotients whose numerator cancels near 0."""
    total, n, part = mp.mpf(0), 1, first
    while abs(part) > mp.mpf(10) ** -58:
        total, part, n = total + part, part * term(n), n + 1
    return total


def exp_tail(r):
    return series(r, mp.mpf(1) / 2, lambda n: r / (n + 2))


def log_tail(z):
    return sum(2 * z ** n / (2 * n + 3) for n in range(60))


def sin_tail(z):
    return series(z, -mp.mpf(1) / 6, lambda n: -z / ((2 * n + 2) * (2 * n + 3)))


def cos_tail(z):
    return series(z, mp.mpf(1) / 24, lambda n: -z / ((2 * n + 3) * (2 * n + 4)))


def erf_tail(x):
    a = mp.sqrt(x + mp.mpf(1) / 2)
    return mp.erf(a) / a - 1


def polynomials(kind, degrees):
    half_log = mp.log(2) / 2 * mp.mpf("1.001")
    slim = mp.mpf("1e-6")
    edge, end = degrees["erf_edge"], degrees["erf_end"]
    quarter = (mp.pi / 4 * mp.mpf("1.001")) ** 2
    s = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)
    return (
        kind.polynomial("exp_tail", "(exp x - 1 - x) / x^2 for |x| <= log(2) / 2", exp_tail,
                        lambda r: abs(r) + mp.mpf(1) / 64, -half_log, half_log, degrees["exp"])
        + kind.polynomial("log_tail", "((log(1 + s) - log(1 - s)) / s - 2) / x, x = s^2, s < 0.172", log_tail,
                          lambda z: z + slim, mp.mpf(0), s * s * mp.mpf("1.001"), degrees["log"])
        + kind.polynomial("sin_tail", "(sin r - r) / r^3 for x = r^2, |r| <= pi / 4", sin_tail,
                          lambda z: z + slim, mp.mpf(0), quarter, degrees["sin"])
        + kind.polynomial("cos_tail", "(cos r - 1 + r^2 / 2) / r^4 for x = r^2, |r| <= pi / 4", cos_tail,
                          lambda z: z * z + slim, mp.mpf(0), quarter, degrees["cos"])
        + kind.polynomial("erf_tail", "erf(a) / a - 1 for x = a^2 - 1 / 2, a up to erf_edge", erf_tail,
                          lambda x: 1 / (1 + erf_tail(x)), mp.mpf(10) ** -30 - mp.mpf(1) / 2,
                          edge * edge - mp.mpf(1) / 2, degrees["erf"])
        + kind.polynomial("erfc_log", "log(erfc(1 + x)), 1 + x from erf_edge to erf_end",
                          lambda x: mp.log(mp.erfc(1 + x)), lambda x: mp.erfc(1 + x), edge - 1, end - 1,
                          degrees["erfc"])
    )


def constants(kind, degrees):
    p, bias = kind.precision, kind.bias
    log_high, log_low = kind.parts(mp.log(2), p - degrees["log_bits"], 2)
    lines = [f"enum {{ mantissa_{kind.name} = {p - 1}, bias_{kind.name} = {bias} }};", ""]
    lines += kind.constant("shifter", mp.mpf(3) * 2 ** (p - 2),
                           "Added to a small number, it leaves its integer in the low bits.")
    lines += kind.constant("whole", mp.mpf(2) ** (p - 1), "Its low bits are those of the integer added to it.")
    lines += kind.constant("tiny", mp.mpf(2) ** -(p + 1), "Below it, sin x, expm1 x and log1p x are x.")
    lines += kind.constant("least_normal", mp.mpf(2) ** (1 - bias))
    lines += kind.constant("largest", (2 - mp.mpf(2) ** (1 - p)) * mp.mpf(2) ** bias)
    lines += kind.constant("sqrt_half", mp.sqrt(mp.mpf(1) / 2))
    lines += kind.constant("log2_e", 1 / mp.log(2))
    lines += kind.constant("log_high", log_high, "log 2 in two parts, of which the first times an exponent is exact")
    lines += kind.constant("log_low", log_low)
    lines += kind.constant("erf_edge", degrees["erf_edge"])
    lines += kind.constant("erf_end", degrees["erf_end"])
    lines += kind.constant("two_over_pi", 2 / mp.pi)
    turns = degrees["turn_bits"]
    lines += kind.constant("near", mp.mpf(2) ** turns, "Up to it, multiples of the first parts of pi / 2 are exact.")
    for i, part in enumerate(kind.parts(mp.pi / 2, p - turns, degrees["turn_parts"])):
        lines += kind.constant(f"turn{i + 1}", part)
    lines += ["", f"/* x - k pi / 2 */",
              f"WG__INLINE {kind.c_type} minus_turns_{kind.name}({kind.c_type} x, {kind.c_type} k)", "{"]
    for i in range(degrees["turn_parts"]):
        lines += [f"    x = multiply_add_{kind.name}(-k, turn{i + 1}_{kind.name}, x);"]
    return lines + ["    return x;", "}"]


F32 = Type("f32", "float", "f", 24, 127)
F64 = Type("f64", "double", "", 53, 1023)
DEGREES = {
    F32: dict(exp=4, log=2, sin=2, cos=2, erf=6, erfc=6, erf_edge=mp.mpf(1), erf_end=mp.mpf(4), log_bits=8,
              turn_bits=13, turn_parts=5),
    F64: dict(exp=9, log=6, sin=5, cos=5, erf=11, erfc=17, erf_edge=mp.mpf("1.0"), erf_end=mp.mpf(6), log_bits=11,
              turn_bits=20, turn_parts=4),
}


def main():
    if "--help" in sys.argv:
        print(__doc__)
        return
    for kind, degrees in DEGREES.items():
        lines = ["// SPDX-License-Identifier: MIT",
                 f"/* Polynomials and constants of real_body.h for {kind.name}: made by tools/minimax.py. */", ""]
        lines += polynomials(kind, degrees) + constants(kind, degrees)
        (KERNELS / f"real_{kind.name}.h").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
