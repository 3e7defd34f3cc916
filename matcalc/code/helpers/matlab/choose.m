function y = choose(c, a, b)
  % a where c is 1 and b where it is 0, whatever the other one is there; c a + (1 - c) b between them
  y = c .* a + (1 - c) .* b;
  a = a + zeros(size(y));
  b = b + zeros(size(y));
  c = c + zeros(size(y));
  y(c == 1) = a(c == 1);
  y(c == 0) = b(c == 0);
end
