function y = softmax(x, dim)
  % exp, normalised over all entries or along a dimension
  if nargin < 2
    y = reshape(softmax(reshape(x, [], 1), 1), size(x));
  else
    y = exp(x - max(x, [], dim));
    y = y ./ sum(y, dim);
  end
end
