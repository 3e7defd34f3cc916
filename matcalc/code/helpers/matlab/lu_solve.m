function x = lu_solve(f, b, transposed)
  % the solution of A X = B, or of A' X = B, from the factors of A
  if nargin > 2 && transposed
    x = f.p' * (f.l' \ (f.u' \ b));
  else
    x = f.u \ (f.l \ (f.p * b));
  end
end
