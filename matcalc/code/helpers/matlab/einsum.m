function y = einsum(subscripts, a, b)
  % the products of entries of a and b, summed over the axes that the result lacks: einsum('ij,jk->ik', a, b)
  parts = strsplit(strrep(subscripts, '->', ','), ',');
  [first, second, result] = parts{:};
  both = ismember(first, second);
  batch = first(both & ismember(first, result));
  summed = first(both & ~ismember(first, result));
  rows = first(~both);
  columns = second(~ismember(second, first));
  lengths = zeros(1, 255);
  for axis = 1:numel(first)
    lengths(first(axis)) = size(a, axis);
  end
  for axis = 1:numel(second)
    lengths(second(axis)) = size(b, axis);
  end
  [~, order] = ismember([rows, summed, batch], first);
  a = permute(a, [order, numel(first) + (1:2)]);
  a = reshape(a, prod(lengths(rows)), prod(lengths(summed)), []);
  [~, order] = ismember([summed, columns, batch], second);
  b = permute(b, [order, numel(second) + (1:2)]);
  b = reshape(b, prod(lengths(summed)), prod(lengths(columns)), []);
  y = zeros(size(a, 1), size(b, 2), size(a, 3), class(a(1) * b(1)));
  for k = 1:size(a, 3)
    y(:, :, k) = a(:, :, k) * b(:, :, k);
  end
  y = reshape(y, [lengths([rows, columns, batch]), 1, 1]);
  [~, order] = ismember(result, [rows, columns, batch]);
  y = permute(y, [order, numel(order) + (1:2)]);
end
