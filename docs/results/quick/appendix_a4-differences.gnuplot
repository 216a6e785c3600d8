# gnuplot appendix_a4-differences.gnuplot draws appendix_a4-differences.svg and appendix_a4-differences.png
if (!exists('stem')) stem = 'appendix_a4-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 0.61 0.3704384347 0.4791231307
1 0.18 0.1369734727 0.08605305459
2 0.2133333333 -0.5484238944 1.523514456
3 0.4533333333 -0.4868178941 1.880302455
4 0.4566666667 -1.069478319 3.052289972
5 -0.04333333333 -1.765887754 3.445108841
6 0.5133333333 -0.2427319799 1.512130626
7 0.72 0.1785947376 1.082810525
8 0.5266666667 -0.1985710878 1.450475509
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 0.61 -0.1744449533 1.568889907
1 0.18 0.01922034849 0.321559303
2 0.2133333333 -2.281042641 4.988751949
3 0.4533333333 -2.625194245 6.157055157
4 0.4566666667 -4.540698961 9.994731255
5 -0.04333333333 -5.683842152 11.28101764
6 0.5133333333 -1.962404452 4.951475571
7 0.72 -1.052832905 3.545665809
8 0.5266666667 -1.8481262 4.749585733
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 3.066380339 2.203962489 1.7248357
1 8.159641555 6.31145284 3.696377429
2 22.07365904 20.85737985 2.432558384
3 0.748753672 -0.6076751516 2.712857647
4 5.244094031 4.52607158 1.436044901
5 17.27122015 16.224776 2.092888303
6 -0.6436893632 -1.931630488 2.57588225
7 5.099594876 3.865317615 2.468554523
8 21.18322187 18.62498197 5.116479802
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 3.066380339 0.1035396912 5.925681295
1 8.159641555 0.9912236503 14.33683581
2 22.07365904 16.72134012 10.70463783
3 0.748753672 -3.692875951 8.883259246
4 5.244094031 2.360895797 5.766396468
5 17.27122015 12.79656503 8.949310251
6 -0.6436893632 -4.861055843 8.434732959
7 5.099594876 0.6694128071 8.860364139
8 21.18322187 10.57212633 21.22219108
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,530 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1060 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Paired differences of the claims (reduced setting)' at screen 0.50000,0.95377 center font ',15'
set label 'Thick: 95 % interval of each comparison alone; thin: adjusted by Holm''s procedure over all comparisons of the claims. Grey: differences that count as' at screen 0.01750,0.06245 left font ',9'
set label 'none, by the smallest margin of the panel. Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.03868 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.87585
set bmargin at screen 0.55321
set label 'Difference in test accuracy (points)' at screen 0.75662,0.90302 center font ',12'
set xrange [-6.13508285795:6.04841619128]
set yrange [8.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('label smoothing, strength 0.1 against cross entropy' 0, 'label smoothing, strength 0.15 against cross entropy' 1, 'label smoothing, strength 0.3 against cross entropy' 2, 'Beta smoothing, strength 0.1 against cross entropy' 3, 'Beta smoothing, strength 0.15 against cross entropy' 4, 'Beta smoothing, strength 0.3 against cross entropy' 5, 'self-distillation, strength 0.1 against cross entropy' 6, 'self-distillation, strength 0.15 against cross entropy' 7, 'self-distillation, strength 0.3 against cross entropy' 8) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.45358
set bmargin at screen 0.13094
set label 'Difference in test ECE (points)' at screen 0.75662,0.48075 center font ',12'
set xrange [-6.32727077321:33.2605323428]
set yrange [8.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('label smoothing, strength 0.1 against cross entropy' 0, 'label smoothing, strength 0.15 against cross entropy' 1, 'label smoothing, strength 0.3 against cross entropy' 2, 'Beta smoothing, strength 0.1 against cross entropy' 3, 'Beta smoothing, strength 0.15 against cross entropy' 4, 'Beta smoothing, strength 0.3 against cross entropy' 5, 'self-distillation, strength 0.1 against cross entropy' 6, 'self-distillation, strength 0.15 against cross entropy' 7, 'self-distillation, strength 0.3 against cross entropy' 8) scale 0
set object rectangle from -0.5616530956, graph 0 to 0.5616530956, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_2_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_2 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_2 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
