function y = blocksum(a, z, p, q)
  % the p by q blocks of z, multiplied by the entries of a and added
  m = size(z, 1) / p;
  n = size(z, 2) / q;
  products = reshape(z, [p, m, q, n]) .* reshape(a, [1, m, 1, n]);
  y = reshape(sum(sum(products, 2), 4), p, q);
end
