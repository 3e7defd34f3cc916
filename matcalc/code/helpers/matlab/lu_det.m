function d = lu_det(f)
  % the determinant from the factors
  d = det(f.p) * prod(diag(f.u));
end
