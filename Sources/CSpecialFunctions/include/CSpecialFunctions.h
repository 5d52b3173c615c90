#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Special functions of Boost.Math in double precision. No function throws or sets errno:
/// an argument outside the domain, or a value that cannot be computed, gives NaN.

/// The x with I_x(a, b) = p, where I is the regularised incomplete beta function; a, b > 0, 0 <= p <= 1.
double special_beta_quantile(double a, double b, double p);

/// The x with 1 - I_x(a, b) = q: the upper tail, without the cancellation of 1 - q.
double special_beta_quantile_upper(double a, double b, double q);

#ifdef __cplusplus
}
#endif
