function d = lu_logdet(f)
  % the logarithm of the determinant from the factors; nan where that is negative
  u = diag(f.u);
  if det(f.p) * prod(sign(u)) < 0
    d = NaN(class(u));
  else
    d = sum(log(abs(u)));
  end
end
