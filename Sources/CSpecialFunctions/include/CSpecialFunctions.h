#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Special functions of Boost.Math in double precision. No function throws or sets errno:
/// an argument outside the domain, or a value that cannot be computed, gives NaN.

/// I_x(a, b), the regularised incomplete beta function; a, b > 0, 0 <= x <= 1.
double special_beta_lower(double a, double b, double x);

/// 1 - I_x(a, b), without the cancellation.
double special_beta_upper(double a, double b, double x);

/// The derivative of I_x(a, b) by x.
double special_beta_density(double a, double b, double x);

/// The x with I_x(a, b) = p, where I is the regularised incomplete beta function; a, b > 0, 0 <= p <= 1.
double special_beta_quantile(double a, double b, double p);

/// The x with 1 - I_x(a, b) = q: the upper tail, without the cancellation of 1 - q.
double special_beta_quantile_upper(double a, double b, double q);

/// The t that Student's distribution of so many degrees of freedom (> 0) exceeds with probability q, 0 < q < 1.
double special_students_t_quantile_upper(double degrees, double q);

/// The probability that Student's distribution exceeds t, without the cancellation of 1 - p.
double special_students_t_upper(double degrees, double t);

/// The z that the standard normal distribution exceeds with probability q, 0 < q < 1.
double special_normal_quantile_upper(double q);

/// The probability that the standard normal distribution exceeds z, without the cancellation of 1 - p.
double special_normal_upper(double z);

#ifdef __cplusplus
}
#endif
