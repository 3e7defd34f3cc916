function y = ismax(x, dim)
  % 1 where the largest entry is, of all or along a dimension; k equal ones get 1/k each
  if nargin < 2
    y = reshape(ismax(reshape(x, [], 1), 1), size(x));
  else
    y = cast(x == max(x, [], dim), class(x));
    y = y ./ sum(y, dim);
  end
end
