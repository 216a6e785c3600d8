# gnuplot beyond_variants-differences.gnuplot draws beyond_variants-differences.svg and beyond_variants-differences.png
if (!exists('stem')) stem = 'beyond_variants-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 -0.05 -0.7906730596 1.481346119
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 -0.05 -1.118209196 2.136418392
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 -0.01156066397 -0.02724964196 0.03137795598
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 -0.01156066397 -0.03418753064 0.04525373333
EOD
# row, mean, lower end, length; 95 %
$estimates_3 << EOD
0 -1.310101776 -1.502764419 0.3853252864
EOD
# row, mean, lower end, length; adjusted
$estimates_3_wide << EOD
0 -1.310101776 -1.652597179 0.6849908075
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,298 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,596 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Paired differences of the claims (reduced setting)' at screen 0.50000,0.91779 center font ',15'
set label 'Thick: 95 % interval of each comparison alone; thin: adjusted by Holm''s procedure over all comparisons of the claims. Grey: differences that count as' at screen 0.01750,0.11174 left font ',9'
set label 'none, by the smallest margin of the panel. Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.06946 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.77919
set bmargin at screen 0.71544
set label 'Difference in test accuracy (points)' at screen 0.75662,0.82752 center font ',12'
set xrange [-1.20366593151:1.10366593151]
set yrange [0.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('self-distillation with weights omega against self-distillation' 0) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.53826
set bmargin at screen 0.47450
set label 'Difference in test NLL (nats)' at screen 0.75662,0.58658 center font ',12'
set xrange [-0.0563375565363:0.0563375565363]
set yrange [0.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('self-distillation with weights omega against self-distillation' 0) scale 0
set object rectangle from -0.0521644042, graph 0 to 0.0521644042, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_2_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_2 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_2 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.29732
set bmargin at screen 0.23356
set label 'Difference in test ECE (points)' at screen 0.75662,0.34564 center font ',12'
set xrange [-1.76156556982:1.18058097376]
set yrange [0.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('self-distillation with weights omega against self-distillation' 0) scale 0
set object rectangle from -1.071612583, graph 0 to 1.071612583, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_3_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_3 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_3 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
