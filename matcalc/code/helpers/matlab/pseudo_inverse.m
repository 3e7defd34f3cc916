function y = pseudo_inverse(x)
  % the Moore-Penrose inverse; singular values below eps^(3/4) of the largest count as zero
  y = pinv(x, norm(x) * eps(class(x)) ^ 0.75);
end
