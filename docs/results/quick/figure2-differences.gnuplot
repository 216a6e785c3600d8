# gnuplot figure2-differences.gnuplot draws figure2-differences.svg and figure2-differences.png
if (!exists('stem')) stem = 'figure2-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 -0.17 -0.7728833851 1.20576677
1 -0.11 -1.110154689 2.000309378
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 -0.17 -1.560659075 2.78131815
1 -0.11 -2.417036865 4.61407373
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 0.2053534431 0.1690890836 0.07252871905
1 0.2471380177 0.2225877298 0.04910057584
2 0.4817774656 0.4662634278 0.03102807569
3 0.6115222287 0.5564974742 0.110049509
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 0.2053534431 0.1136033053 0.1835002756
1 0.2471380177 0.1667480377 0.1607799601
2 0.4817774656 0.4238052853 0.1159443606
3 0.6115222287 0.4224844215 0.3780756145
EOD
# row, mean, lower end, length; 95 %
$estimates_3 << EOD
0 1.37011173 1.227035192 0.2861530772
1 1.925352819 1.592347272 0.6660110942
2 -0.2596528303 -0.392500159 0.2656946575
EOD
# row, mean, lower end, length; adjusted
$estimates_3_wide << EOD
0 1.37011173 0.9258356473 0.8885521658
1 1.925352819 1.014511195 1.821683249
2 -0.2596528303 -0.5660891128 0.612872565
EOD
# row, mean, lower end, length; 95 %
$estimates_4 << EOD
0 -0.01473815843 -0.04255158618 0.0556268555
1 -0.5437787382 -0.6065418604 0.1255262442
EOD
# row, mean, lower end, length; adjusted
$estimates_4_wide << EOD
0 -0.01473815843 -0.07889483726 0.1283133577
1 -0.5437787382 -0.7274262399 0.3672950032
EOD
# row, mean, lower end, length; 95 %
$estimates_5 << EOD
0 -0.7 -0.9484137712 0.4968275424
1 -0.9 -0.9 6.661338148e-16
EOD
# row, mean, lower end, length; adjusted
$estimates_5_wide << EOD
0 -0.7 -1 0.8730110894
1 -0.9 -0.9 2.442490654e-15
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,727 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1454 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Paired differences of the claims (reduced setting)' at screen 0.50000,0.96630 center font ',15'
set label 'Thick: 95 % interval of each comparison alone; thin: adjusted by Holm''s procedure over all comparisons of the claims. Grey: differences that count as' at screen 0.01750,0.04635 left font ',9'
set label 'none, by the smallest margin of the panel. Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.02902 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.90949
set bmargin at screen 0.80495
set label 'Difference in test accuracy (points)' at screen 0.75662,0.92930 center font ',12'
set xrange [-2.60159981397:2.38159981397]
set yrange [1.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('T = 1.5 against T = 1' 0, 'self-distillation, T = 1.5 against generation 3' 1) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.73232
set bmargin at screen 0.62779
set label 'Difference in predictive uncertainty (nats)' at screen 0.75662,0.75213 center font ',12'
set xrange [-0.136022401438:0.836582437392]
set yrange [3.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('T = 1.5 against T = 1' 0, 'T = 2 against T = 1.5' 1, 'T = 3 against T = 2' 2, 'T = 5 against T = 3' 3) scale 0
set object rectangle from -0.1, graph 0 to 0.1, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_2_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_2 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_2 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.55516
set bmargin at screen 0.45062
set label 'Difference in confidence diversity (nats)' at screen 0.75662,0.57497 center font ',12'
set xrange [-0.702180454995:2.97228578543]
set yrange [2.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('T = 1.5 against T = 1' 0, 'T = 2 against T = 1' 1, 'T = 5 against T = 3' 2) scale 0
set object rectangle from -0.1, graph 0 to 0.1, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_3_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_3 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_3 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.37799
set bmargin at screen 0.27345
set label 'Difference in test NLL (nats)' at screen 0.75662,0.39780 center font ',12'
set xrange [-0.758500030276:0.0804923108101]
set yrange [1.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('T = 1.5 against T = 1' 0, 'T = 1.5 against T = 5' 1) scale 0
set object rectangle from -0.04655516324, graph 0 to 0.04655516324, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_4_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_4 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_4 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.20083
set bmargin at screen 0.09629
set label 'Rank correlation with test accuracy ' at screen 0.75662,0.22063 center font ',12'
set xrange [-1.04:0.04]
set yrange [1.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('confidence diversity (nats)' 0, 'predictive uncertainty (nats)' 1) scale 0
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_5_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_5 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_5 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
