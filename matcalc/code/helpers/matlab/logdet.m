function y = logdet(x)
  % log det, nan where the determinant is negative
  [~, u, p] = lu(x);
  d = diag(u);
  y = sum(log(abs(d)));
  if det(p) * prod(sign(d)) < 0
    y = y + nan;
  end
end
