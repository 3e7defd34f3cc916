function y = norm2_along(x, dim)
  % the Euclidean norms along a dimension, also where squares overflow or underflow
  peak = max(abs(x), [], dim);
  peak(peak == 0 | isinf(peak)) = 1;
  y = peak .* sqrt(sum((x ./ peak) .^ 2, dim));
end
