# gnuplot figure2-differences.gnuplot draws figure2-differences.svg and figure2-differences.png
if (!exists('stem')) stem = 'figure2-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 -0.418 -0.7889854324 0.7419708649
1 -0.088 -0.2782219519 0.3804439039
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 -0.418 -0.8850521592 0.9341043185
1 -0.088 -0.3274799516 0.4789599031
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 0.8681599801 0.8479999191 0.04032012211
1 0.5433925912 0.5214567284 0.04387172546
2 0.5437354819 0.5145020328 0.0584668981
3 0.3523284573 0.3276461719 0.04936457067
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 0.8681599801 0.8244813123 0.08735733565
1 0.5433925912 0.4979911562 0.09080286993
2 0.5437354819 0.4847981633 0.1178746371
3 0.3523284573 0.3092035367 0.08624984109
EOD
# row, mean, lower end, length; 95 %
$estimates_3 << EOD
0 -0.3408077074 -0.3785962089 0.07557700304
1 -0.7838028619 -0.8264903096 0.08537489538
2 -0.9909404217 -1.021258102 0.06063536076
EOD
# row, mean, lower end, length; adjusted
$estimates_3_wide << EOD
0 -0.3408077074 -0.3995318602 0.1174483056
1 -0.7838028619 -0.867389682 0.1671736403
2 -0.9909404217 -1.055205621 0.1285303989
EOD
# row, mean, lower end, length; 95 %
$estimates_4 << EOD
0 -0.1996804846 -0.2268223539 0.05428373875
1 -0.4174776238 -0.4597756074 0.08459596736
EOD
# row, mean, lower end, length; adjusted
$estimates_4_wide << EOD
0 -0.1996804846 -0.2384001946 0.07743942002
1 -0.4174776238 -0.4876190897 0.1402829318
EOD
# row, mean, lower end, length; 95 %
$estimates_5 << EOD
0 0.9549358869 0.8913581445 0.1086418555
1 -0.9549358869 -1 0.1086418555
EOD
# row, mean, lower end, length; adjusted
$estimates_5_wide << EOD
0 0.9549358869 0.8344630698 0.1655369302
1 -0.9549358869 -1 0.1611048975
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
set label 'none, by the smallest margin of the panel. CIFAR-100, ResNet-8, 2000 training images, 80 epochs, no augmentation; 5 seeds.' at screen 0.01750,0.02902 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.90949
set bmargin at screen 0.80495
set label 'Difference in test accuracy (points)' at screen 0.75662,0.92930 center font ',12'
set xrange [-0.94045424561:0.55540208637]
set yrange [1.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('T = 1.5 against T = 1' 0, 'self-distillation, T = 1 against generation 2' 1) scale 0
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
set xrange [-0.140473545918:0.952312193872]
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
set xrange [-1.10141384595:0.146208224844]
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
set xrange [-0.521981913963:0.405814341662]
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
set object rectangle from -0.3714515174, graph 0 to 0.3714515174, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
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
set xrange [-1.08:1.08]
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
