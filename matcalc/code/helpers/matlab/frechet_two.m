function y = frechet_two(f, a, b, c)
  % the second derivative of a matrix function at a in the directions b and c
  n = size(a, 1);
  o = zeros(n);
  blocks = f([a, b, c, o; o, a, o, c; o, o, a, b; o, o, o, a]);
  y = blocks(1:n, 3*n+1:end);
end
