// SPDX-License-Identifier: GPL-2.0-only
// curves.csv and report.gp: the latency curves for people who draw them their own way.
#include "kairo/reports/report.h"

namespace kairo::reports {

std::string to_curves_csv(const Report& report) {
  std::string out = "load,arm,class,percent,ns\n";
  for (const LoadReport& load : report.loads) {
    for (const ArmSummary& arm : load.arms) {
      for (std::size_t i = 0; i < kClassCount; ++i) {
        if (!arm.classes[i]) continue;
        for (const CurvePoint& point : arm.classes[i]->curve)
          out += fmt::format("{},{},{},{:.9g},{:.9g}\n", load.load.name, arm.arm.name,
                             kClassNames[i], point.percent, point.ns);
      }
    }
  }
  return out;
}

std::string to_gnuplot(const Report& report) {
  std::string out =
      "# Draws the latency curves of curves.csv: gnuplot report.gp\n"
      "# x is -log10(1 - percentile / 100): 1 is p90, 2 is p99, 3 is p99.9.\n"
      "set datafile separator ','\n"
      "set terminal svg size 760,420 background rgb 'white'\n"
      "set logscale y\nset grid\nset key left top\n"
      "set xlabel 'percentile'\nset ylabel 'ms'\n"
      "set xtics ('0' 0, '90' 1, '99' 2, '99.9' 3, '99.99' 4)\n";
  for (const LoadReport& load : report.loads) {
    for (std::size_t i = 0; i < kClassCount; ++i) {
      std::string lines;
      for (const ArmSummary& arm : load.arms) {
        if (!arm.classes[i] || arm.classes[i]->curve.empty()) continue;
        // Names hold no quote and no blank: is_valid_name().
        lines += fmt::format(
            "{}  'curves.csv' using "
            "(strcol(1) eq '{}' && strcol(2) eq '{}' && strcol(3) eq '{}' && $4 < 100 ? "
            "-log10(1 - $4 / 100) : NaN):($5 / 1e6) with lines lw 2 title '{}'",
            lines.empty() ? "" : ", \\\n", load.load.name, arm.arm.name, kClassNames[i],
            arm.arm.name);
      }
      if (lines.empty()) continue;
      out += fmt::format(
          "set output 'gnuplot-{0}-{1}.svg'\nset title 'Latency of {1}, load {0}'\nplot \\\n{2}\n",
          load.load.name, kClassNames[i], lines);
    }
  }
  return out;
}

}  // namespace kairo::reports
