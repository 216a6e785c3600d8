# gnuplot appendix_a5-differences.gnuplot draws appendix_a5-differences.svg and appendix_a5-differences.png
if (!exists('stem')) stem = 'appendix_a5-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 1.446666667 0.5824390007 1.728455332
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 1.446666667 0.5824390007 1.728455332
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,154 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,308 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Paired differences of the claims (reduced setting)' at screen 0.50000,0.84091 center font ',15'
set label 'Thick: 95 % interval of each comparison alone; thin: adjusted by Holm''s procedure over all comparisons of the claims. Grey: differences that count as' at screen 0.01750,0.21364 left font ',9'
set label 'none, by the smallest margin of the panel. Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.13182 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.57273
set bmargin at screen 0.44935
set label 'Difference in test accuracy (points)' at screen 0.75662,0.66623 center font ',12'
set xrange [-0.612435773307:2.42333010598]
set yrange [0.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('Beta smoothing against EMA self-training' 0) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
