#include "CSpecialFunctions.h"

#include "guarded.hpp"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/erf.hpp>

namespace {

bool isCount(double degrees) {
  return degrees > 0 && degrees <= std::numeric_limits<double>::max();
}

// Open at both ends: the quantiles there are infinite.
bool isTail(double q) { return q > 0 && q < 1; }

}  // namespace

double special_students_t_quantile_upper(double degrees, double q) {
  return guarded(isCount(degrees) && isTail(q), [=] {
    boost::math::students_t_distribution<double, Quiet> t(degrees);
    return boost::math::quantile(boost::math::complement(t, q));
  });
}

double special_students_t_upper(double degrees, double t) {
  return guarded(isCount(degrees) && t == t, [=] {
    boost::math::students_t_distribution<double, Quiet> distribution(degrees);
    return boost::math::cdf(boost::math::complement(distribution, t));
  });
}

double special_normal_quantile_upper(double q) {
  return guarded(isTail(q), [=] {
    boost::math::normal_distribution<double, Quiet> normal;
    return boost::math::quantile(boost::math::complement(normal, q));
  });
}

double special_normal_upper(double z) {
  return guarded(z == z, [=] {
    return boost::math::erfc(z / boost::math::constants::root_two<double>(), Quiet()) / 2;
  });
}
