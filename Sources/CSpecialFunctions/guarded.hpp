#pragma once

#include <limits>

#include <boost/math/policies/policy.hpp>

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
