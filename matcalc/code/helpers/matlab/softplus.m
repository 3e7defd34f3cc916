function y = softplus(x)
  % log(1 + e^x)
  y = max(x, 0) + log1p(exp(-abs(x)));
end
