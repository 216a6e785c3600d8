# gnuplot figure2.gnuplot draws figure2.svg and figure2.png
if (!exists('stem')) stem = 'figure2'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# '': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
1 84.54 83.92999369 85.15000631 0
1.5 84.37 83.22972938 85.51027062 0
2 84.25333333 83.58846867 84.91819799 0
3 84.00666667 83.65506391 84.35826943 0
5 83.48333333 82.70991896 84.25674771 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
1 84.6 -0.333
1 84.27 0
1 84.75 0.333
1.5 84.3 -0.333
1.5 83.95 0
1.5 84.86 0.333
2 84.03 -0.333
2 84.18 0
2 84.55 0.333
3 84.17 -0.333
3 83.92 0
3 83.93 0.333
5 83.45 -0.333
5 83.19 0
5 83.81 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
1 0.4655516324 0.4183454003 0.5127578645 0
1.5 0.4508134739 0.4303988629 0.4712280849 0
2 0.4906810824 0.4807248723 0.5006372924 0
3 0.6521724126 0.6052369355 0.6991078896 0
5 0.9945922122 0.9512037111 1.037980713 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
1 0.4528360178 -0.333
1 0.4873965751 0
1 0.4564223041 0.333
1.5 0.4473210596 -0.333
1.5 0.4602008583 0
1.5 0.4449185039 0.333
2 0.4950564737 -0.333
2 0.4871875012 0
2 0.4897992722 0.333
3 0.6542456566 -0.333
3 0.6323272232 0
3 0.6699443578 0.333
5 1.008556804 -0.333
5 0.9750078711 0
5 1.000211961 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_3_1 << EOD
1 4.150170841 2.532647479 5.767694203 0
1.5 1.664185902 0 3.680009548 0
2 7.907463216 5.062263619 10.75266281 0
3 21.6093624 17.29853752 25.92018728 0
5 41.04752057 37.85172291 44.24331822 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_3_1 << EOD
1 3.754985169 -0.333
1 4.901709095 0
1 3.793818259 0.333
1.5 1.833637221 -0.333
1.5 0.781361509 0
1.5 2.377558976 0.333
2 8.518181665 -0.333
2 6.586187208 0
2 8.618020774 0.333
3 22.1485397 -0.333
3 19.66843516 0
3 23.01111233 0.333
5 41.72723407 -0.333
5 39.56375504 0
5 41.85157258 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_4_1 << EOD
1 0.1783659559 0.1385724499 0.2181594619 0
1.5 0.3837193991 0.3078891014 0.4595496968 0
2 0.6308574168 0.5315100914 0.7302047422 0
3 1.112634882 1.011478847 1.213790918 0
5 1.724157111 1.671492743 1.776821479 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_4_1 << EOD
1 0.182359641 -0.333
1 0.1607278998 0
1 0.192010327 0.333
1.5 0.3938486516 -0.333
1.5 0.3494165562 0
1.5 0.4078929895 0.333
2 0.6476727213 -0.333
2 0.5852026354 0
2 0.6596968938 0.333
3 1.136265137 -0.333
3 1.065614776 0
3 1.136024735 0.333
5 1.743098753 -0.333
5 1.701256408 0
5 1.728116172 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_5_1 << EOD
1 -2.635786347 -3.087048595 -2.1845241 0
1.5 -1.265674617 -1.576251439 -0.9550977952 0
2 -0.7104335286 -0.8287661332 -0.5921009239 0
3 -0.379877375 -0.3945399226 -0.3652148275 0
5 -0.6395302053 -0.7577957089 -0.5212647017 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_5_1 << EOD
1 -2.580547628 -0.333
1 -2.838651136 0
1 -2.488160278 0.333
1.5 -1.218064768 -0.333
1.5 -1.407509098 0
1.5 -1.171449986 0.333
2 -0.6975877514 -0.333
2 -0.7631744456 0
2 -0.6705383887 0.333
3 -0.3763024091 -0.333
3 -0.3866901801 0
3 -0.3766395359 0.333
5 -0.662988947 -0.333
5 -0.5847449042 0
5 -0.6708567647 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 1100,654 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 2200,1308 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Self-distillation by temperature (reduced setting)' at screen 0.50000,0.96254 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced: the paper has CIFAR-100, ResNet-34, all training images,' at screen 0.01273,0.05031 left font ',9'
set label '150 epochs, standard augmentation' at screen 0.01273,0.03104 left font ',9'
set arrow from screen 0.32855,0.92859 to screen 0.35218,0.92859 nohead lw 1.5 dt 2 lc rgb '#202020'
set label 'Figure 1, highest value' at screen 0.35673,0.92859 left
set arrow from screen 0.50280,0.92859 to screen 0.52644,0.92859 nohead lw 1.5 dt 3 lc rgb '#606060'
set label 'Figure 1, lowest value' at screen 0.53098,0.92859 left
set lmargin at screen 0.06491
set rmargin at screen 0.32485
set tmargin at screen 0.87584
set bmargin at screen 0.55474
set label 'Test accuracy of the student' at screen 0.19488,0.89786 center font ',12'
set label 'temperature of the teacher' at screen 0.19488,0.51086 center font ',11'
set label 'test accuracy (%)' at screen 0.01973,0.71529 center rotate by 90 font ',11'
set logscale x 10
unset mxtics
set xrange [0.937650954002:5.33247471104]
set yrange [82.5138943383:85.7062952399]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 84.54 to graph 1,first 84.54 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first 84.37 to graph 1,first 84.37 nohead lw 1.5 \
  dt 3 lc rgb '#606060' back
plot $mean_1_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_1_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_1_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.38976
set rmargin at screen 0.64970
set tmargin at screen 0.87584
set bmargin at screen 0.55474
set label 'Test NLL of the student' at screen 0.51973,0.89786 center font ',12'
set label 'temperature of the teacher' at screen 0.51973,0.51086 center font ',11'
set label 'test NLL (nats)' at screen 0.34458,0.71529 center rotate by 90 font ',11'
set logscale x 10
unset mxtics
set xrange [0.937650954002:5.33247471104]
set yrange [0.374970928355:1.08135518511]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 0.4655516324 to graph 1,first 0.4655516324 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first 0.4530554967 to graph 1,first 0.4530554967 nohead lw 1.5 \
  dt 3 lc rgb '#606060' back
plot $mean_2_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_2_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_2_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.71461
set rmargin at screen 0.97455
set tmargin at screen 0.87584
set bmargin at screen 0.55474
set label 'Test ECE of the student' at screen 0.84458,0.89786 center font ',12'
set label 'temperature of the teacher' at screen 0.84458,0.51086 center font ',11'
set label 'test ECE (%)' at screen 0.66942,0.71529 center rotate by 90 font ',11'
set logscale x 10
unset mxtics
set xrange [0.937650954002:5.33247471104]
set yrange [0:47.3649651423]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 4.150170841 to graph 1,first 4.150170841 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first 3.273173962 to graph 1,first 3.273173962 nohead lw 1.5 \
  dt 3 lc rgb '#606060' back
plot $mean_3_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_3_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_3_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.06491
set rmargin at screen 0.32485
set tmargin at screen 0.45046
set bmargin at screen 0.12936
set label 'Uncertainty of the teacher' at screen 0.19488,0.47248 center font ',12'
set label 'temperature of the teacher' at screen 0.19488,0.08547 center font ',11'
set label 'predictive uncertainty (nats)' at screen 0.01973,0.28991 center rotate by 90 font ',11'
set logscale x 10
unset mxtics
set xrange [0.937650954002:5.33247471104]
set yrange [0.023895017905:1.89149891107]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 0.2345884081 to graph 1,first 0.2345884081 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first 0.1783659559 to graph 1,first 0.1783659559 nohead lw 1.5 \
  dt 3 lc rgb '#606060' back
plot $mean_4_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_4_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_4_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.38976
set rmargin at screen 0.64970
set tmargin at screen 0.45046
set bmargin at screen 0.12936
set label 'Diversity of the teacher' at screen 0.51973,0.47248 center font ',12'
set label 'temperature of the teacher' at screen 0.51973,0.08547 center font ',11'
set label 'confidence diversity (nats)' at screen 0.34458,0.28991 center rotate by 90 font ',11'
set logscale x 10
unset mxtics
set xrange [0.937650954002:5.33247471104]
set yrange [-3.27757695868:-0.174686463736]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first -2.005811086 to graph 1,first -2.005811086 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first -2.635786347 to graph 1,first -2.635786347 nohead lw 1.5 \
  dt 3 lc rgb '#606060' back
plot $mean_5_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_5_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_5_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
unset multiplot
unset output
}
