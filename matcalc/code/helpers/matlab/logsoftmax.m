function y = logsoftmax(x, dim)
  % the logarithm of softmax
  if nargin < 2
    y = reshape(logsoftmax(reshape(x, [], 1), 1), size(x));
  else
    y = x - max(x, [], dim);
    y = y - log(sum(exp(y), dim));
  end
end
