# gnuplot figure1.gnuplot draws figure1.svg and figure1.png
if (!exists('stem')) stem = 'figure1'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# '': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0 17.536 17.01320195 18.05879805 0
1 18.664 18.40419831 18.92380169 0
2 18.752 18.46542029 19.03857971 0
3 18.56 18.24995672 18.87004328 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
0 17.38 -0.4
0 17.1 -0.2
0 18.06 0
0 17.9 0.2
0 17.24 0.4
1 18.53 -0.4
1 18.53 -0.2
1 18.51 0
1 18.99 0.2
1 18.76 0.4
2 18.88 -0.4
2 18.49 -0.2
2 18.57 0
2 19.06 0.2
2 18.76 0.4
3 18.85 -0.4
3 18.21 -0.2
3 18.74 0
3 18.46 0.2
3 18.54 0.4
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0 4.007104628 3.893653835 4.120555422 0
1 3.714515174 3.657604337 3.771426011 0
2 3.653329347 3.603324233 3.703334461 0
3 3.633104304 3.589109498 3.677099111 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
0 4.024552561 -0.4
0 4.089532028 -0.2
0 3.850594277 0
0 4.025524634 0.2
0 4.045319641 0.4
1 3.774521175 -0.4
1 3.717473921 -0.2
1 3.646398869 0
1 3.708707381 0.2
1 3.725474524 0.4
2 3.695936113 -0.4
2 3.650027334 -0.2
2 3.589002816 0
2 3.655584454 0.2
2 3.676096016 0.4
3 3.66587232 -0.4
3 3.631835008 -0.2
3 3.574911451 0
3 3.656543305 0.2
3 3.636359436 0.4
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_3_1 << EOD
0 17.05634344 15.09097195 19.02171493 0
1 11.50231949 10.64076406 12.36387491 0
2 10.05175878 8.924018417 11.17949914 0
3 9.720049712 8.95343277 10.48666665 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_3_1 << EOD
0 17.13824577 -0.4
0 19.16317932 -0.2
0 14.7827882 0
0 16.6495428 0.2
0 17.54796112 0.4
1 11.77404957 -0.4
1 12.2565428 -0.2
1 10.38952353 0
1 11.40246539 0.2
1 11.68901615 0.4
2 10.57499451 -0.4
2 10.40438898 -0.2
2 8.61550953 0
2 9.74811986 0.2
2 10.915781 0.4
3 9.883327071 -0.4
3 10.17791673 -0.2
3 8.682208045 0
3 9.678849009 0.2
3 10.17794771 0.4
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_4_1 << EOD
1 2.068379127 1.958266887 2.178491367 0
2 2.257454854 2.189692505 2.325217204 0
3 2.345028121 2.282889845 2.407166397 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_4_1 << EOD
1 2.106482037 -0.4
1 1.934953967 -0.2
1 2.168497108 0
1 2.098906922 0.2
1 2.033055601 0.4
2 2.269019197 -0.4
2 2.208994902 -0.2
2 2.344156213 0
2 2.250905112 0.2
2 2.214198846 0.4
3 2.353956966 -0.4
3 2.324410866 -0.2
3 2.418879538 0
3 2.346556459 0.2
3 2.281336776 0.4
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_5_1 << EOD
1 -0.04564965858 -0.08352552223 -0.007773794943 0
2 -0.2277640695 -0.2892155058 -0.1663126333 0
3 -0.3678072082 -0.4165992088 -0.3190152076 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_5_1 << EOD
1 -0.04666317804 -0.4
1 -0.01532136725 -0.2
1 -0.09540991456 0
1 -0.04304531887 0.2
1 -0.0278085142 0.4
2 -0.2361818873 -0.4
2 -0.1860263336 -0.2
2 -0.3037055387 0
2 -0.2320385496 0.2
2 -0.1808680385 0.4
3 -0.3835254298 -0.4
3 -0.3458261551 -0.2
3 -0.4111339464 0
3 -0.3872376844 0.2
3 -0.3113128254 0.4
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_6_1 << EOD
1 0.08562599775 0.0844634979 0.08678849761 0
2 0.09596757149 0.09369468787 0.09824045512 0
3 0.09871465222 0.0951149809 0.1023143235 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_6_1 << EOD
1 0.08435171794 -0.4
1 0.08616630517 -0.2
1 0.08538163287 0
1 0.08538983876 0.2
1 0.08684049404 0.4
2 0.0944230272 -0.4
2 0.09659422386 -0.2
2 0.09372324437 0
2 0.09809089881 0.2
2 0.09700646322 0.4
3 0.0973819175 -0.4
3 0.0972993144 -0.2
3 0.09536330036 0
3 0.1017094777 0.2
3 0.1018192511 0.4
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 1100,639 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 2200,1278 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Sequential self-distillation (reduced setting)' at screen 0.50000,0.96166 center font ',15'
set label 'CIFAR-100, ResNet-8, 2000 training images, 80 epochs, no augmentation; 5 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced: the paper has CIFAR-100, ResNet-34, all training images, 150' at screen 0.01273,0.05211 left font ',9'
set label 'epochs, standard augmentation, batch size 128, smoothing 0.15' at screen 0.01273,0.03239 left font ',9'
set lmargin at screen 0.06491
set rmargin at screen 0.32485
set tmargin at screen 0.89703
set bmargin at screen 0.56839
set label 'Test accuracy' at screen 0.19488,0.91956 center font ',12'
set label 'generation' at screen 0.19488,0.52347 center font ',11'
set label 'test accuracy (%)' at screen 0.01973,0.73271 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [16.8699260845:19.2032758636]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_1_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_1_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_1_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.38976
set rmargin at screen 0.64970
set tmargin at screen 0.89703
set bmargin at screen 0.56839
set label 'Test NLL' at screen 0.51973,0.91956 center font ',12'
set label 'generation' at screen 0.51973,0.52347 center font ',11'
set label 'test NLL (nats)' at screen 0.34458,0.73271 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [3.53671637303:4.15875049986]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_2_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_2_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_2_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.71461
set rmargin at screen 0.97455
set tmargin at screen 0.89703
set bmargin at screen 0.56839
set label 'Test ECE' at screen 0.84458,0.91956 center font ',12'
set label 'generation' at screen 0.84458,0.52347 center font ',11'
set label 'test ECE (%)' at screen 0.66942,0.73271 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [7.87717264429:19.9015162042]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_3_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_3_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_3_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.06491
set rmargin at screen 0.32485
set tmargin at screen 0.46166
set bmargin at screen 0.13302
set label 'Uncertainty of the teacher' at screen 0.19488,0.48419 center font ',12'
set label 'generation that it teaches' at screen 0.19488,0.08811 center font ',11'
set label 'predictive uncertainty (nats)' at screen 0.01973,0.29734 center rotate by 90 font ',11'
set xrange [0.92:3.08]
set yrange [1.90107917661:2.45275432754]
set xtics 1,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_4_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_4_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_4_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.38976
set rmargin at screen 0.64970
set tmargin at screen 0.46166
set bmargin at screen 0.13302
set label 'Diversity of the teacher' at screen 0.51973,0.48419 center font ',12'
set label 'generation that it teaches' at screen 0.51973,0.08811 center font ',11'
set label 'confidence diversity (nats)' at screen 0.34458,0.29734 center rotate by 90 font ',11'
set xrange [0.92:3.08]
set yrange [-0.445216987756:0.0208439840266]
set xtics 1,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_5_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_5_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_5_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.71461
set rmargin at screen 0.97455
set tmargin at screen 0.46166
set bmargin at screen 0.13302
set label 'Var(c) of the teacher' at screen 0.84458,0.48419 center font ',12'
set label 'generation that it teaches' at screen 0.84458,0.08811 center font ',11'
set label 'variance of the confidence' at screen 0.66942,0.29734 center rotate by 90 font ',11'
set xrange [0.92:3.08]
set yrange [0.0830943355476:0.103571705932]
set xtics 1,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_6_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_6_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_6_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
unset multiplot
unset output
}
