function y = logcosh(x)
  % log cosh x without overflow
  y = abs(x) + log1p(exp(-2 * abs(x))) - log(2);
end
