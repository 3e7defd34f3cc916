function k = commutation(m, n, kind)
  % the matrix K with K * vec(X) = vec(X') for m by n matrices X
  if nargin < 3
    kind = 'double';
  end
  k = eye(m * n, kind);
  k = k(reshape(reshape(1:m*n, m, n)', [], 1), :);
end
