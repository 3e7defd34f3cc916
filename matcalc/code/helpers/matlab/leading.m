function y = leading(x)
  % u v' of the leading singular vectors
  [u, ~, v] = svd(x, 'econ');
  y = u(:, 1) * v(:, 1)';
end
