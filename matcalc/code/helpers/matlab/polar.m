function y = polar(x)
  % U V' of the singular value decomposition U S V'
  [u, ~, v] = svd(x, 'econ');
  y = u * v';
end
