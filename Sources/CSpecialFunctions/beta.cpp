#include "CSpecialFunctions.h"

#include "guarded.hpp"

#include <boost/math/special_functions/beta.hpp>

namespace {

// Comparisons are false for NaN, so a NaN argument is outside the domain too.
bool inDomain(double a, double b, double p) {
  const double largest = std::numeric_limits<double>::max();
  return a > 0 && a <= largest && b > 0 && b <= largest && p >= 0 && p <= 1;
}

}  // namespace

double special_beta_lower(double a, double b, double x) {
  return guarded(inDomain(a, b, x), [=] { return boost::math::ibeta(a, b, x, Quiet()); });
}

double special_beta_upper(double a, double b, double x) {
  return guarded(inDomain(a, b, x), [=] { return boost::math::ibetac(a, b, x, Quiet()); });
}

double special_beta_density(double a, double b, double x) {
  return guarded(inDomain(a, b, x),
                 [=] { return boost::math::ibeta_derivative(a, b, x, Quiet()); });
}

double special_beta_quantile(double a, double b, double p) {
  return guarded(inDomain(a, b, p), [=] { return boost::math::ibeta_inv(a, b, p, Quiet()); });
}

double special_beta_quantile_upper(double a, double b, double q) {
  return guarded(inDomain(a, b, q), [=] { return boost::math::ibetac_inv(a, b, q, Quiet()); });
}
