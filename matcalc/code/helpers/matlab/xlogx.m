function y = xlogx(x)
  % x log x, which is 0 at 0
  y = x .* log(x + (x == 0));
end
