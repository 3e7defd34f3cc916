function y = polygamma(order, x)
  % the derivative of digamma of a whole order; Octave's psi is wrong for large numbers of single precision
  y = cast(psi(double(round(order(1))), double(x)), class(x));
end
