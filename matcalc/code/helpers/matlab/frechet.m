function y = frechet(f, a, e)
  % the derivative of a matrix function at a in the direction e (Higham 2008, 3.16)
  n = size(a, 1);
  blocks = f([a, e; zeros(n), a]);
  y = blocks(1:n, n+1:end);
end
