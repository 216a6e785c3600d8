// SPDX-License-Identifier: MIT
#pragma once

/// Student's t with any number of degrees of freedom from 1 on, whole or not.
namespace experiments {

/// P(|T| >= |t|).
double student_t_two_sided(double t, double degrees);

/// The t with P(|T| < t) = level, in (0, 1): 2.776 for 0.95 and 4 degrees. Throws Error for fewer
/// than 1 degree.
double student_t_quantile(double level, double degrees);

/// The power of the two-sided test at 5 %: P(|T'| > t of 0.95) of the noncentral T' = (Z + shift) /
/// sqrt(chi^2 / degrees), `shift` being the true difference over its standard error.
double power_of_t_test(double shift, double degrees);

/// The difference, in standard errors, that the test sees with a probability of `power`.
double detectable_shift(double degrees, double power = 0.8);

}  // namespace experiments
