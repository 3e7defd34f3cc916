function y = digamma(x)
  % the derivative of log gamma; of large numbers by Stirling's series, for which Octave's psi takes x steps
  z = double(x);
  y = psi(min(z, 1e4));
  large = log(z) - 1 ./ (2 * z) - 1 ./ (12 * z .^ 2);
  y(z > 1e4) = large(z > 1e4);
  y = cast(y, class(x));
end
