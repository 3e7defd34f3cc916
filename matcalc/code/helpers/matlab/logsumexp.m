function y = logsumexp(x, dim)
  % log sum exp of all entries, or along a dimension
  if nargin < 2
    y = logsumexp(reshape(x, [], 1), 1);
  else
    peak = max(x, [], dim);
    peak(isinf(peak)) = 0;
    y = peak + log(sum(exp(x - peak), dim));
  end
end
