#include "CSpecialFunctions.h"

#include <limits>

#include <boost/math/special_functions/beta.hpp>

namespace {

namespace policies = boost::math::policies;

// Errors come back as NaN or infinity instead of exceptions; the catch below is for what the policy does
// not cover (an allocation inside Boost).
using Quiet = policies::policy<policies::domain_error<policies::ignore_error>,
                               policies::pole_error<policies::ignore_error>,
                               policies::overflow_error<policies::ignore_error>,
                               policies::underflow_error<policies::ignore_error>,
                               policies::denorm_error<policies::ignore_error>,
                               policies::rounding_error<policies::ignore_error>,
                               policies::evaluation_error<policies::ignore_error>,
                               policies::indeterminate_result_error<policies::ignore_error>>;

// Comparisons are false for NaN, so a NaN argument is outside the domain too.
bool inDomain(double a, double b, double p) {
  const double largest = std::numeric_limits<double>::max();
  return a > 0 && a <= largest && b > 0 && b <= largest && p >= 0 && p <= 1;
}

template <typename Body>
double guarded(bool valid, Body body) {
  if (!valid) return std::numeric_limits<double>::quiet_NaN();
  try {
    return body();
  } catch (...) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

double special_beta_quantile(double a, double b, double p) {
  return guarded(inDomain(a, b, p), [=] { return boost::math::ibeta_inv(a, b, p, Quiet()); });
}

double special_beta_quantile_upper(double a, double b, double q) {
  return guarded(inDomain(a, b, q), [=] { return boost::math::ibetac_inv(a, b, q, Quiet()); });
}
