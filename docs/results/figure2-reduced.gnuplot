# gnuplot figure2.gnuplot draws figure2.svg and figure2.png
if (!exists('stem')) stem = 'figure2'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# '': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
1 18.664 18.40419831 18.92380169 0
1.5 18.246 17.87364569 18.61835431 0
2 17.92 17.44515483 18.39484517 0
3 17.542 17.22624116 17.85775884 0
5 17.15 16.83637229 17.46362771 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
1 18.53 -0.4
1 18.53 -0.2
1 18.51 0
1 18.99 0.2
1 18.76 0.4
1.5 18.19 -0.4
1.5 17.76 -0.2
1.5 18.54 0
1.5 18.41 0.2
1.5 18.33 0.4
2 17.99 -0.4
2 17.68 -0.2
2 18.1 0
2 18.41 0.2
2 17.42 0.4
3 17.47 -0.4
3 17.42 -0.2
3 17.77 0
3 17.83 0.2
3 17.22 0.4
5 17 -0.4
5 17.16 -0.2
5 16.81 0
5 17.42 0.2
5 17.36 0.4
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
1 3.714515174 3.657604337 3.771426011 0
1.5 3.514834689 3.483969894 3.545699484 0
2 3.523889207 3.507514692 3.540263723 0
3 3.671196276 3.657847065 3.684545487 0
5 3.932312313 3.915906053 3.948718572 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
1 3.774521175 -0.4
1 3.717473921 -0.2
1 3.646398869 0
1 3.708707381 0.2
1 3.725474524 0.4
1.5 3.543014145 -0.4
1.5 3.516746352 -0.2
1.5 3.474583613 0
1.5 3.51888883 0.2
1.5 3.520940506 0.4
2 3.535092429 -0.4
2 3.520253266 -0.2
2 3.502797986 0
2 3.533862588 0.2
2 3.527439769 0.4
3 3.679678877 -0.4
3 3.655435944 -0.2
3 3.672440581 0
3 3.682031226 0.2
3 3.666394753 0.4
5 3.937382842 -0.4
5 3.917329492 -0.2
5 3.95208445 0
5 3.929456717 0.2
5 3.925308064 0.4
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_3_1 << EOD
1 11.50231949 10.64076406 12.36387491 0
1.5 1.478570853 0.7004724759 2.256669229 0
2 4.880081823 3.951691792 5.808471853 0
3 10.46097485 9.79897447 11.12297523 0
5 13.56245682 13.33266946 13.79224417 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_3_1 << EOD
1 11.77404957 -0.4
1 12.2565428 -0.2
1 10.38952353 0
1 11.40246539 0.2
1 11.68901615 0.4
1.5 1.356513688 -0.4
1.5 2.532727733 -0.2
1.5 1.262609147 0
1.5 0.8544296595 0.2
1.5 1.386574036 0.4
2 5.08689519 -0.4
2 4.319543152 -0.2
2 5.773828815 0
2 5.293679082 0.2
2 3.926462875 0.4
3 10.414406 -0.4
3 9.965696244 -0.2
3 11.14088921 0
3 10.84896229 0.2
3 9.934920522 0.4
5 13.40094972 -0.4
5 13.43189625 -0.2
5 13.4621522 0
5 13.8170603 0.2
5 13.70022561 0.4
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_4_1 << EOD
1 2.068379127 1.958266887 2.178491367 0
1.5 2.936539107 2.842754319 3.030323896 0
2 3.479931698 3.406544807 3.55331859 0
3 4.02366718 3.978551664 4.068782697 0
5 4.375995638 4.355341278 4.396649997 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_4_1 << EOD
1 2.106482037 -0.4
1 1.934953967 -0.2
1 2.168497108 0
1 2.098906922 0.2
1 2.033055601 0.4
1.5 2.973898383 -0.4
1.5 2.830712966 -0.2
1.5 3.028212901 0
1.5 2.952790612 0.2
1.5 2.897080674 0.4
2 3.509544446 -0.4
2 3.403179838 -0.2
2 3.556785191 0
2 3.485778105 0.2
2 3.444370912 0.4
3 4.040065785 -0.4
3 3.980930014 -0.2
3 4.075415583 0
3 4.020573223 0.2
3 4.001351295 0.4
5 4.382224949 -0.4
5 4.357502642 -0.2
5 4.401115805 0
5 4.372052651 0.2
5 4.367082141 0.4
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_5_1 << EOD
1 -0.04564965858 -0.08352552223 -0.007773794943 0
1.5 -0.3864573659 -0.4482469426 -0.3246677893 0
2 -0.8294525205 -0.9068017516 -0.7521032893 0
3 -1.592026966 -1.654525933 -1.529528 0
5 -2.582967388 -2.646935439 -2.518999337 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_5_1 << EOD
1 -0.04666317804 -0.4
1 -0.01532136725 -0.2
1 -0.09540991456 0
1 -0.04304531887 0.2
1 -0.0278085142 0.4
1.5 -0.409828331 -0.4
1.5 -0.3139485038 -0.2
1.5 -0.4325022395 0
1.5 -0.4194441588 0.2
1.5 -0.3565635967 0.4
2 -0.8509478221 -0.4
2 -0.7697511553 -0.2
2 -0.9173970099 0
2 -0.8401155958 0.2
2 -0.7690510192 0.4
3 -1.616589039 -0.4
3 -1.547451369 -0.2
3 -1.646440052 0
3 -1.619501893 0.2
3 -1.530152479 0.4
5 -2.616414231 -0.4
5 -2.550510083 -0.2
5 -2.653889354 0
5 -2.567367146 0.2
5 -2.526656127 0.4
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
set label 'CIFAR-100, ResNet-8, 2000 training images, 80 epochs, no augmentation; 5 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced: the paper has CIFAR-100, ResNet-34, all training images, 150' at screen 0.01273,0.05031 left font ',9'
set label 'epochs, standard augmentation, batch size 128, smoothing 0.15' at screen 0.01273,0.03104 left font ',9'
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
set yrange [16.6574:19.1426]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 18.752 to graph 1,first 18.752 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first 18.56 to graph 1,first 18.56 nohead lw 1.5 \
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
set yrange [3.44115855435:3.98550950816]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 3.714515174 to graph 1,first 3.714515174 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first 3.633104304 to graph 1,first 3.633104304 nohead lw 1.5 \
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
set yrange [0:14.7352214523]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 11.50231949 to graph 1,first 11.50231949 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first 9.720049712 to graph 1,first 9.720049712 nohead lw 1.5 \
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
set yrange [1.76232263788:4.57374713383]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 2.345028121 to graph 1,first 2.345028121 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first 2.068379127 to graph 1,first 2.068379127 nohead lw 1.5 \
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
set yrange [-2.83911744326:0.1774542942]
set xtics ('1' 1, '1.5' 1.5, '2' 2, '3' 3, '5' 5)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first -0.04564965858 to graph 1,first -0.04564965858 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
set arrow from graph 0,first -0.3678072082 to graph 1,first -0.3678072082 nohead lw 1.5 \
  dt 3 lc rgb '#606060' back
plot $mean_5_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_5_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_5_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
unset multiplot
unset output
}
