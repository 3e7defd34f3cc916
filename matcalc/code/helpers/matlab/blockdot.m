function y = blockdot(z, b, m, n)
  % the inner products of b with the m by n blocks of z
  p = size(z, 1) / m;
  q = size(z, 2) / n;
  products = reshape(z, [p, m, q, n]) .* reshape(b, [p, 1, q, 1]);
  y = reshape(sum(sum(products, 1), 3), m, n);
end
