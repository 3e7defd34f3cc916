function y = diagonal(x, first, second, rank)
  % the entries at the same place along two axes of an array with so many axes; what they share is the last axis of y
  rest = setdiff(1:rank, [first, second]);
  lengths = arrayfun(@(axis) size(x, axis), rest);
  n = size(x, first);
  x = reshape(permute(x, [rest, first, second]), [], n * n);
  y = reshape(x(:, 1:n+1:end), [lengths, n, 1]);
end
