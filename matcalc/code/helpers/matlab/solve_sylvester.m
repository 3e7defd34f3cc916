function x = solve_sylvester(a, b, c)
  % the x with a x + x b = c; where it is not unique, that of least norm (of large ones: for symmetric a and b)
  [m, n] = size(c);
  if m * n <= 64
    x = reshape(pseudo_inverse(kron(eye(n), a) + kron(b.', eye(m))) * reshape(c, [], 1), m, n);
    return
  end
  [u, left] = eig(a);
  [v, right] = eig(b);
  sums = diag(left) + diag(right).';
  small = abs(sums) <= eps(class(c)) ^ 0.75 * max(max(abs(sums)));
  factors = ~small ./ (sums + small);
  x = zeros(m, n, class(c));
  for pass = 1:2  % the second time for the rounding errors of the first
    rest = u \ (c - a * x - x * b) * v;
    x = x + real(u * (factors .* rest) / v);
  end
end
