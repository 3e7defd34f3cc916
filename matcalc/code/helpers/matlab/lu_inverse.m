function x = lu_inverse(f)
  % the inverse from the factors
  x = f.u \ (f.l \ f.p);
end
