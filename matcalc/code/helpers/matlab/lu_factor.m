function f = lu_factor(a)
  % the factors of P A = L U
  [f.l, f.u, f.p] = lu(a);
end
