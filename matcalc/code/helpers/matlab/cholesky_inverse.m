function x = cholesky_inverse(factor)
  % the inverse of L L' from the lower factor L
  inner = factor \ eye(size(factor, 1), class(factor));
  x = inner' * inner;
end
