function y = safe_unit(x)
  % x divided by its norm, which is 0 where x is 0
  size_of_x = norm(x, 'fro');
  y = x / (size_of_x + (size_of_x == 0));
end
